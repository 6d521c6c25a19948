// Why touchpoints are a customer's
// Answers: every identifier that leads to the customer, or to one who was merged into them, with its evidence, confidence
// and the time it is known from, the customers whom it leads to besides, and how many of the customer's touchpoints bear
// it.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (c:Customer {customer_id: $customer_id})<-[:MERGED_INTO*0..]-(:Customer|MergedCustomer)<-[known:IDENTIFIES]-(i:Identifier)
WITH c, i, known.evidence AS evidence, max(known.confidence) AS confidence, min(known.valid_from) AS valid_from,
     max(known.valid_to) AS valid_to
RETURN i.kind AS kind, i.value AS value, evidence, confidence, valid_from, valid_to,
       COLLECT {
         MATCH (i)-[:IDENTIFIES]->(:Customer|MergedCustomer)-[:MERGED_INTO*0..]->(other:Customer)
         WHERE other <> c
         RETURN DISTINCT other.customer_id AS id ORDER BY id
       } AS shared_with,
       COUNT {
         MATCH (c)-[:MADE]->(t:Touchpoint)
         WHERE i.kind = 'anonymous_id' AND t.anonymous_id = i.value AND t.known_customer_id IS NULL
       } AS touchpoints_given
ORDER BY kind, value
