// Create journeys of one customer, as yet without their touchpoints
// Answers: nothing. One that a load that died made meanwhile is taken over.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $rows  list of maps: the journeys' properties
:params {customer_id: 'customer-1', rows: []};
MATCH (c:Customer {customer_id: $customer_id})
// The mark locks the customer, and it stays: of a load that died the last transaction may be committed at any time.
SET c:Unthreaded
WITH c
UNWIND $rows AS row
MERGE (j:Journey {journey_id: row.journey_id})
SET j = row
MERGE (c)-[:HAD]->(j)
