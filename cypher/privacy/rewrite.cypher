// Put other texts in the place of those that hold a person's identifiers
// Answers: how many nodes were changed.
// Parameters:
//   $rows  list of maps: id (of a node), changes (a map of properties; null removes one), e.g. []
:params {rows: []};
UNWIND $rows AS row
MATCH (n) WHERE elementId(n) = row.id
SET n += row.changes
RETURN count(n) AS changed
