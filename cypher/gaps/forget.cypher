// Forget the findings of earlier reports
// Answers: nothing; deletes every finding whose id is not among the ones to keep.
// Parameters:
//   $ids  list of text: ids of the findings that stay, e.g. []
:params {ids: []};
MATCH (f:Finding)
WHERE NOT f.id IN $ids
DETACH DELETE f
