// Where else a person's identifiers stand: what is told of relationships between others
// Answers: relationships that say who is one person or lives with whom, with a text that holds one of the identifiers (why somebody
// merged two others, say), and that text.
// Parameters:
//   $identifiers  list of text: in lower case, longer than a figure would be, e.g. ['anna@example.com']
:params {identifiers: ['anna@example.com']};
MATCH ()-[told:IDENTIFIES|MERGED_INTO|WAS_MERGED_INTO|LIVES_IN|LIVED_IN]->()
UNWIND [key IN keys(told) WHERE NOT key IN ['merge_id', 'method', 'run']] AS key
WITH told, key, told[key] AS value
WHERE value IS :: STRING NOT NULL AND any(text IN $identifiers WHERE toLower(value) CONTAINS text)
RETURN elementId(told) AS id, key, value
ORDER BY id, key
