// Every node of a graph
// Answers: each node with its id, labels and properties: name, type and value, instants and the like as text. A store is rebuilt
// of these rows.
// Parameters:
MATCH (n)
RETURN elementId(n) AS id, labels(n) AS labels,
       [key IN keys(n) | [key, valueType(n[key]),
         CASE WHEN valueType(n[key]) STARTS WITH 'LIST' THEN
                CASE WHEN valueType(n[key]) CONTAINS 'TIME' OR valueType(n[key]) CONTAINS 'DATE' OR valueType(n[key]) CONTAINS 'DURATION'
                     THEN [part IN n[key] | toString(part)] ELSE n[key] END
              WHEN valueType(n[key]) CONTAINS 'TIME' OR valueType(n[key]) CONTAINS 'DATE' OR valueType(n[key]) CONTAINS 'DURATION'
                THEN toString(n[key])
              ELSE n[key] END]] AS properties
