// Create sessions, as yet without their touchpoints
// Answers: nothing.
// Parameters:
//   $rows  list of maps: the sessions' properties
:params {rows: []};
UNWIND $rows AS row
CREATE (s:Session)
SET s = row
