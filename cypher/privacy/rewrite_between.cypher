// Put other texts in the place of those of relationships that hold a person's identifiers
// Answers: how many relationships were changed.
// Parameters:
//   $rows  list of maps: id (of a relationship), changes (a map of properties), e.g. []
:params {rows: []};
UNWIND $rows AS row
MATCH ()-[told]->() WHERE elementId(told) = row.id
SET told += row.changes
RETURN count(told) AS changed
