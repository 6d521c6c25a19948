// Is there anything that another load brought
// Answers: one row if the graph holds a touchpoint of another load than this, none otherwise.
// Parameters:
//   $batch_id  text: the load, e.g. '01f0'
:params {batch_id: '01f0'};
MATCH (t:Touchpoint)
WHERE t.batch_id <> $batch_id
RETURN true AS other_load
LIMIT 1
