// Whether a customer withdrew consent to analytics
// Answers: one row where that is so, none else.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (:Customer:Withheld {customer_id: $customer_id})
RETURN true AS withheld
