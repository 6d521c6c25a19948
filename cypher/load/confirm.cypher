// Note that a load which replaces earlier ones has these touchpoints, new or not
// Answers: nothing.
// Parameters:
//   $rows  list of text: ids of touchpoints, e.g. ['t1']
//   $batch_id  text: the load, e.g. '01f0'
:params {rows: ['t1'], batch_id: '01f0'};
UNWIND $rows AS touchpoint_id
MATCH (t:Touchpoint|SetAside {touchpoint_id: touchpoint_id})
SET t.confirmed_by = $batch_id
