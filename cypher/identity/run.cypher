// What a run merged
// Answers: every merge of the run that stands, with evidence and confidence, in order.
// Parameters:
//   $run  text: the run, e.g. '01f0'
:params {run: '01f0'};
MATCH (b)-[known:MERGED_INTO {run: $run}]->(a)
RETURN known.merge_id AS merge_id, a.customer_id AS kept, b.customer_id AS merged, known.evidence AS evidence,
       known.method AS method, known.confidence AS confidence, known.merged_at AS merged_at
ORDER BY merged_at, merge_id
