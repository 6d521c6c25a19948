// Was anything loaded under this name
// Answers: one row if the graph has a load that read something of that name, none otherwise.
// Parameters:
//   $name  text: a file, or pull:<name>, e.g. 'pull:shop'
:params {name: 'pull:shop'};
MATCH (l:Load)
WHERE $name IN l.files
RETURN true AS read_before
LIMIT 1
