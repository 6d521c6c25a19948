"""Fast mining: the idea without a limit on gaps, and what stands where.

Only frequent items are kept.  Every occurrence has a *rank* in its sequence, a byte (two, where a sequence holds 255
or more).  For each first item a, the sequences that hold it become the *lanes* of byte vectors: for every item that
extends `a`, the rank of its first and of its last occurrence behind a's first.

- A pattern is the vector of the ranks where its first match ends, 255 where there is none.
- Its support with x appended is the number of lanes where last(x) > end: 64 lanes by one comparison.
- Its new ends are first(x) where that lies behind the old end, else the next occurrence, which is looked up: needed
  only where x recurs.
- R.a.x can only be extended by what extends both R.a and R.x: an intersection of bit sets, known one level ahead.
- Where fewer lanes are alive than fit into two thirds of the blocks, they are moved next to each other.
- Patterns are rows of a trie (parent, item, support), written in lexicographic order.

`lanes` has the vector operations, `log` the preparation, `walk` a step down the tree, `tree` a thread's whole work.
`bitmaps` mines where gaps are limited (`reaching`: in touchpoints or seconds), `window` where spans are or items are
very many.
The plain reference is `mining.projection`.  The modules import numba; only `mining.compiled` imports them.
"""
