// Where else a person's identifiers stand
// Answers: nodes with a text that is one of the identifiers or holds one, and those texts; of what is an id itself only those that
// are one. What names things and not people (products, categories, campaigns, steps, channels, sources) is asked for by itself;
// what the product alone writes (the Cypher of findings, outcomes, the record of the schema) names nobody.
// Parameters:
//   $identifiers  list of text: in lower case, longer than a figure would be, e.g. ['anna@example.com']
//   $exactly  list of text: the same as they are written, and what the product makes of them, e.g. ['anna@example.com']
//   $ids  list of text: properties that are ids, e.g. ['customer_id']
:params {identifiers: ['anna@example.com'], exactly: ['anna@example.com'], ids: ['customer_id']};
MATCH (n)
WHERE NOT n:Product AND NOT n:Category AND NOT n:Campaign AND NOT n:Step AND NOT n:Migration AND NOT n:Configuration
UNWIND [key IN keys(n) WHERE NOT key IN
        ['step', 'steps', 'channel', 'channels', 'stage', 'source', 'outcome', 'currency', 'cypher']] AS key
WITH n, key, n[key] AS value
WITH n, key, value, CASE WHEN value IS :: STRING NOT NULL THEN [value]
                         WHEN value IS :: LIST<STRING NOT NULL> NOT NULL THEN value ELSE [] END AS parts
WHERE CASE WHEN key IN $ids THEN any(part IN parts WHERE part IN $exactly)
           ELSE any(part IN parts WHERE any(text IN $identifiers WHERE toLower(part) CONTAINS text)) END
RETURN elementId(n) AS id, labels(n) AS labels, key, value
ORDER BY id, key
