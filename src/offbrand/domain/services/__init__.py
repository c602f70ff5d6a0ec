"""
Services: one frozen class per flow; its fields are ports and collaborators, its methods are verbs.

A flow is never compared or printed, so its class asks attrs for neither: importing offbrand takes a third less time.
"""
