// Erase one person: journeys and sessions
// Answers: how many were removed.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $limit  integer: how many at once, e.g. 1000
:params {customer_id: 'customer-1', limit: 1000};
CALL () {
  MATCH (:Customer {customer_id: $customer_id})-[:HAD]->(j:Journey)
  RETURN j AS path
  UNION
  MATCH (s:Session {customer_id: $customer_id})
  RETURN s AS path
}
WITH path LIMIT $limit
WITH path, path:Journey AS journey
DETACH DELETE path
RETURN count(CASE WHEN journey THEN 1 END) AS journeys, count(CASE WHEN NOT journey THEN 1 END) AS sessions
