"""How alike two items are, by the users or sessions that had both: the usual item-to-item measures.

Users and items are given as pairs; a pair that occurs again counts once.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

Measure = Literal["count", "jaccard", "lift", "cosine"]


def co_occurrence(users: ArrayLike, items: ArrayLike, n_items: int) -> sparse.csr_array:
    """For each two items the number of distinct users that had both (n_items x n_items); its diagonal has the users.

    >>> co_occurrence([0, 0, 1, 1, 1], [0, 1, 0, 0, 1], 2).toarray().tolist()
    [[2.0, 2.0], [2.0, 2.0]]
    """
    user, item = np.asarray(users, dtype=np.int64), np.asarray(items, dtype=np.int64)
    shape = (int(user.max(initial=-1)) + 1, n_items)
    had = sparse.csr_array((np.ones(len(user)), (user, item)), shape=shape)
    had.sum_duplicates()
    had.data[:] = 1.0
    return sparse.csr_array(had.T @ had)


def similarity(
    together: sparse.csr_array, measure: Measure, *, minimum: int = 1, regularisation: float = 0.0
) -> sparse.csr_array:
    """Item-to-item similarity from co-occurrence; pairs with fewer than `minimum` common users are zero.

    With n_ij common users of two items that have n_i and n_j: `count` n_ij; `jaccard` n_ij / (n_i + n_j - n_ij);
    `lift` n_ij / (n_i n_j); `cosine` n_ij / sqrt((n_i + r) (n_j + r)) with the regularisation r, which keeps rare items
    from looking alike by chance (Hidasi et al., ICLR 2016, use r = 20).
    """
    alone = together.diagonal()
    pairs = sparse.coo_array(together)
    kept = pairs.data >= minimum
    i, j = (axis[kept] for axis in pairs.coords)
    n_ij, n_i, n_j = pairs.data[kept], alone[i], alone[j]
    if measure == "count":
        value = n_ij
    elif measure == "jaccard":
        value = n_ij / (n_i + n_j - n_ij)
    elif measure == "lift":
        value = n_ij / (n_i * n_j)
    else:
        value = n_ij / np.sqrt((n_i + regularisation) * (n_j + regularisation))
    return sparse.csr_array((value, (i, j)), shape=together.shape)
