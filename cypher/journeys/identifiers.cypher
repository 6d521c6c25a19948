// Why touchpoints are a customer's
// Answers: every identifier that leads to the customer, with its evidence, confidence and the time it is known from, the
// customers whom it leads to besides, and how many of the customer's touchpoints bear it.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (c:Customer {customer_id: $customer_id})<-[known:IDENTIFIES]-(i:Identifier)
RETURN i.kind AS kind, i.value AS value, known.evidence AS evidence, known.confidence AS confidence,
       known.valid_from AS valid_from, known.valid_to AS valid_to,
       COLLECT {
         MATCH (i)-[:IDENTIFIES]->(other:Customer)
         WHERE other <> c
         RETURN DISTINCT other.customer_id AS id ORDER BY id
       } AS shared_with,
       COUNT {
         MATCH (c)-[:MADE]->(t:Touchpoint)
         WHERE i.kind = 'anonymous_id' AND t.anonymous_id = i.value AND t.known_customer_id IS NULL
       } AS touchpoints_given
ORDER BY kind, value
