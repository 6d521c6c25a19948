// Where else a person's identifiers stand: all that tells of some steps or stages by name
// Answers: touchpoints, journeys, sessions and findings with one of these names, and the property that has it.
// Parameters:
//   $names  list of text: of steps or stages, e.g. ['call anna@example.com']
:params {names: ['call anna@example.com']};
MATCH (n)
UNWIND [key IN keys(n) WHERE key IN ['step', 'steps', 'stage']] AS key
WITH n, key, n[key] AS value
WITH n, key, value, CASE WHEN value IS :: STRING NOT NULL THEN [value]
                         WHEN value IS :: LIST<STRING NOT NULL> NOT NULL THEN value ELSE [] END AS parts
WHERE any(part IN parts WHERE part IN $names)
RETURN elementId(n) AS id, key, value
ORDER BY id, key
