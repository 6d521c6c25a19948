// Touchpoints with encrypted values
// Answers: some of them in the order of their ids in the database, and for each the property and the value.
// Parameters:
//   $after  text: only those after this id, e.g. ''
//   $limit  integer: how many at most, e.g. 5000
:params {after: '', limit: 5000};
MATCH (n:Touchpoint|SetAside)
WHERE elementId(n) > $after
WITH n, [key IN keys(n) WHERE key STARTS WITH 'p_' AND key ENDS WITH '_sealed' AND n[key] IS :: STRING NOT NULL | [key, n[key]]] AS values
WHERE size(values) > 0
RETURN elementId(n) AS id, values
ORDER BY id
LIMIT $limit
