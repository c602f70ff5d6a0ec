"""
The domain: what offbrand decides, without a library but attrs and without the world.

From the inside out: `errors`, `values`, `roles`, `account`; `session`, `claims`, `events`; `letters`, `policy`;
`repositories`, `ports`; `passwords`, `links`, `journal` and `visits`, which the flows share; `services`, one file a
flow; `auth`, all of them.
"""
