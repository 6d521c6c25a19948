// One customer's journeys
// Answers: a customer with journeys, touchpoints in their order, products and identifiers, as a picture.
// Parameters:
//   $customer_id  text: the customer, e.g. 'C000017'
:params {customer_id: 'C000017'};
MATCH (c:Customer {customer_id: $customer_id})
OPTIONAL MATCH journey = (c)-[:HAD]->(:Journey)-[:INCLUDES]->(t:Touchpoint)
OPTIONAL MATCH next = (t)-[:NEXT]->()
OPTIONAL MATCH about = (t)-[:ABOUT]->(:Product)
OPTIONAL MATCH identified = (c)<-[:IDENTIFIES]-(:Identifier)
RETURN c, collect(DISTINCT journey) AS journeys, collect(DISTINCT next) AS next, collect(DISTINCT about) AS products,
       collect(DISTINCT identified) AS identifiers
