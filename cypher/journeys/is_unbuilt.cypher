// Whether a customer is there, and whether their journeys are still to be built
// Answers: one row for a customer of the graph, none else.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (c:Customer {customer_id: $customer_id})
RETURN c:Unthreaded AS unbuilt
