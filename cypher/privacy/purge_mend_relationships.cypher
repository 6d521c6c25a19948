// Give relationships the properties that a file of the import tool cannot say
// Answers: how many relationships were mended; each loses the number that it was recognised by.
// Parameters:
//   $first  integer: number of the first of these relationships, e.g. 0
//   $after  integer: number after the last, e.g. 1000
//   $changes  map of maps: the properties of each, by its number as text, e.g. {}
:params {first: 0, after: 1000, changes: {}};
MATCH ()-[r]->()
WHERE r._purge_id >= $first AND r._purge_id < $after
WITH r, toString(r._purge_id) AS number
SET r += $changes[number]
REMOVE r._purge_id
RETURN count(*) AS mended
