// Where else a person's identifiers stand: what is told of relationships between others
// Answers: relationships with a text that holds one of the identifiers (why somebody merged two others, say), and that text.
// Parameters:
//   $identifiers  list of text: in lower case, longer than a figure would be, e.g. ['anna@example.com']
:params {identifiers: ['anna@example.com']};
MATCH ()-[told]->()
UNWIND [key IN keys(told) WHERE NOT key IN ['merge_id', 'method', 'run']] AS key
WITH told, key, told[key] AS value
WHERE CASE WHEN value IS :: STRING NOT NULL THEN any(text IN $identifiers WHERE toLower(value) CONTAINS text)
           WHEN value IS :: LIST<STRING NOT NULL> NOT NULL
             THEN any(part IN value WHERE any(text IN $identifiers WHERE toLower(part) CONTAINS text))
           ELSE false END
RETURN elementId(told) AS id, key, value
ORDER BY id, key
