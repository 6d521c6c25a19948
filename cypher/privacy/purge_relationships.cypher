// Every relationship of a graph
// Answers: each relationship with the ids of its ends, its type and properties: name, type and value, instants and the like as
// text. A store is rebuilt of these rows.
// Parameters:
MATCH (a)-[r]->(b)
RETURN elementId(a) AS from, elementId(b) AS to, type(r) AS type,
       [key IN keys(r) | [key, valueType(r[key]),
         CASE WHEN valueType(r[key]) STARTS WITH 'LIST' THEN
                CASE WHEN valueType(r[key]) CONTAINS 'TIME' OR valueType(r[key]) CONTAINS 'DATE' OR valueType(r[key]) CONTAINS 'DURATION'
                     THEN [part IN r[key] | toString(part)] ELSE r[key] END
              WHEN valueType(r[key]) CONTAINS 'TIME' OR valueType(r[key]) CONTAINS 'DATE' OR valueType(r[key]) CONTAINS 'DURATION'
                THEN toString(r[key])
              ELSE r[key] END]] AS properties
