// Pseudonyms that were made with a former key
// Answers: nodes with such values, and for each the property and the value.
// Parameters:
//   $newest  text: how the pseudonyms of the newest key begin, e.g. 'pn2:'
//   $limit  integer: how many nodes at most, e.g. 5000
:params {newest: 'pn2:', limit: 5000};
MATCH (n:Identifier|Touchpoint|SetAside|Customer)
WITH n, [key IN keys(n) WHERE n[key] IS :: STRING NOT NULL AND NOT n[key] STARTS WITH $newest
         AND n[key] =~ 'pn[1-9][0-9]*:[0-9a-f]{64}' | [key, n[key]]] AS values
WHERE size(values) > 0
RETURN elementId(n) AS id, values
LIMIT $limit
