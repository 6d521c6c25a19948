// What is held about one person: the customer
// Answers: the properties of the customer.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (c:Customer {customer_id: $customer_id})
RETURN properties(c) AS properties
