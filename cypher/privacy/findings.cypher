// What is held about one person: findings that show one of their journeys
// Answers: each finding that has a journey or session of the customer among its examples, and which.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (f:Finding)
WITH f, [example IN f.examples
         WHERE EXISTS { MATCH (:Customer {customer_id: $customer_id})-[:HAD]->(:Journey {journey_id: example}) }
            OR EXISTS { MATCH (:Session {session_id: example, customer_id: $customer_id}) }
            OR EXISTS { MATCH (:Customer {customer_id: $customer_id})-[:MADE]->(:Touchpoint {touchpoint_id: example}) }
            OR example = $customer_id] AS examples
WHERE size(examples) > 0
RETURN {id: f.id, title: f.title, examples: examples} AS properties
ORDER BY f.id
