"""The ledger as a transparency log: what an entry says, the Merkle tree over all, and what is signed, proven and published of it.
May import canonical JSON and the standard library, and for Ed25519 the cryptography library; keys, moments and salts are arguments.
Come with a new published form? Give it a module with one function that writes and one that reads, each the other's inverse.
"""
