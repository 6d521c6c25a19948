// Make one customer of two
// Answers: how many touchpoints moved. The second customer becomes a MergedCustomer, which leads to the first; whatever else was
// known of it stays with it. Both are marked, so that their journeys are rebuilt; the anonymous ids that lead to
// either are marked, so that their owner is decided anew.
// Parameters:
//   $keep  text: the customer who stays, e.g. 'ann'
//   $absorb  text: the customer who becomes part of them, e.g. 'ann-2'
//   $merge_id  text: the merge, e.g. 'm-1'
//   $evidence  text: why, e.g. 'same email'
//   $method  text: rule, probability or hand
//   $confidence  float: the probability that they are one person, e.g. 0.99
//   $run  text: the run that decided, e.g. '01f0'
//   $at  instant: now, e.g. datetime('2026-01-31T12:00:00Z')
:params {keep: 'ann', absorb: 'ann-2', merge_id: 'm-1', evidence: 'same email', method: 'rule', confidence: 0.99, run: '01f0', at: datetime('2026-01-31T12:00:00Z')};
MATCH (a:Customer {customer_id: $keep})
MATCH (b:Customer {customer_id: $absorb})
WHERE a <> b
// Both are locked from here on.
SET a:Unthreaded
REMOVE b:Customer, b:Unthreaded
SET b:MergedCustomer
CREATE (b)-[:MERGED_INTO {merge_id: $merge_id, evidence: $evidence, method: $method, confidence: $confidence, run: $run,
                          merged_at: $at}]->(a)
MERGE (alias:Identifier {kind: 'customer_id', value: $absorb})
CREATE (alias)-[:IDENTIFIES {evidence: $evidence, confidence: $confidence, valid_from: $at, ingested_at: $at, run: $run,
                             merge_id: $merge_id}]->(a)
WITH a, b
CALL (b) {
  MATCH (b)-[:MADE]->(:Touchpoint)-[next:NEXT]->()
  DELETE next
}
CALL (b) {
  MATCH (s:Session {customer_id: b.customer_id})
  DETACH DELETE s
}
CALL (b) {
  MATCH (b)-[:HAD]->(j:Journey)
  DETACH DELETE j
}
CALL (a) {
  MATCH (i:Identifier {kind: 'anonymous_id'})-[:IDENTIFIES]->(:Customer|MergedCustomer)-[:MERGED_INTO*0..]->(a)
  SET i:Unresolved
}
CALL (a, b) {
  MATCH (b)-[made:MADE]->(t:Touchpoint|SetAside)
  DELETE made
  CREATE (a)-[:MADE]->(t)
  RETURN count(t) AS moved
}
RETURN moved
