// Give nodes the properties that a file of the import tool cannot say
// Answers: how many nodes were mended; each loses the number that it was recognised by.
// Parameters:
//   $first  integer: number of the first of these nodes, e.g. 0
//   $after  integer: number after the last, e.g. 1000
//   $changes  map of maps: the properties of each, by its number as text, e.g. {}
:params {first: 0, after: 1000, changes: {}};
MATCH (n:Purging)
WHERE n._purge_id >= $first AND n._purge_id < $after
WITH n, toString(n._purge_id) AS number
SET n += $changes[number]
REMOVE n._purge_id, n:Purging
RETURN count(*) AS mended
