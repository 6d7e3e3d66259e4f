"""Raw exports of REDCap: the dictionary fills the codebook, rows of events become our tables.

Own code, because the packages for REDCap (PyCap and its kin) are clients of a server: none reads
an export that lies in a folder together with its dictionary.
"""
