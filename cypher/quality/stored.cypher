// Which touchpoints are there, and from where
// Answers: those of the ids that the graph holds, each with the digest of its file and its line (null for what came from none),
// and its value.
// Parameters:
//   $touchpoint_ids  list of text: e.g. ['t1']
:params {touchpoint_ids: ['t1']};
UNWIND $touchpoint_ids AS touchpoint_id
MATCH (t:Touchpoint|SetAside {touchpoint_id: touchpoint_id})
OPTIONAL MATCH (f:File {batch_id: t.batch_id, number: t.file_number})
RETURN touchpoint_id, f.sha256 AS sha256, f.name AS file, t.line AS line, t.value AS value
