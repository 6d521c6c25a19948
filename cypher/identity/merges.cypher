// What was merged into a customer, why, and how sure that is
// Answers: every merge that leads to the customer, with evidence, confidence, time and run, how many of the customer's
// touchpoints name the merged one, and when it was undone where it was; the first merge first.
// Parameters:
//   $customer_id  text: the customer, e.g. 'ann'
:params {customer_id: 'ann'};
MATCH (c:Customer {customer_id: $customer_id})
CALL (c) {
  MATCH (b:MergedCustomer)-[:MERGED_INTO*0..]->(:MergedCustomer)-[:MERGED_INTO]->(c)
  MATCH (b)-[known:MERGED_INTO]->(a)
  RETURN DISTINCT a, b, known
  UNION
  MATCH (b:Customer|MergedCustomer)-[known:WAS_MERGED_INTO]->(a)
  WHERE a = c OR b = c
  RETURN a, b, known
}
RETURN known.merge_id AS merge_id, a.customer_id AS kept, b.customer_id AS merged, known.evidence AS evidence,
       known.method AS method, known.confidence AS confidence, known.run AS run, known.merged_at AS merged_at,
       known.undone_at AS undone_at,
       COUNT {
         MATCH (c)-[:MADE]->(t:Touchpoint)
         WHERE coalesce(t.known_customer_id, 'anonymous:' + t.anonymous_id) = b.customer_id
       } AS touchpoints
ORDER BY merged_at, merge_id
