// What is held about one person: the journeys
// Answers: every journey with all its properties, by time.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (:Customer {customer_id: $customer_id})-[:HAD]->(j:Journey)
RETURN properties(j) AS properties
ORDER BY j.started_at, j.journey_id
