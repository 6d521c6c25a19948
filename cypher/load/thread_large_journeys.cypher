// Create journeys of one customer, as yet without their touchpoints
// Answers: nothing.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $rows  list of maps: the journeys' properties
:params {customer_id: 'customer-1', rows: []};
MATCH (c:Customer {customer_id: $customer_id})
UNWIND $rows AS row
CREATE (c)-[:HAD]->(j:Journey)
SET j = row
