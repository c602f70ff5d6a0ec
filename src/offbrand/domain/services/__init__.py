"""Services: one frozen class per flow; its fields are ports and collaborators, its methods are verbs."""
