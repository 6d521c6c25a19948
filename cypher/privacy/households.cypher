// What is held about one person: the households that runs put them into
// Answers: each household in which the customer (or one who was merged into them) lives or, where undone_at is given, lived; why, how
// sure that is, and the run that found it.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (:Customer {customer_id: $customer_id})<-[:MERGED_INTO*0..]-(self:Customer|MergedCustomer)
MATCH (self)-[lives:LIVES_IN|LIVED_IN]->(h:Household)
WITH DISTINCT self, lives, h
RETURN lives {.*, household_id: h.household_id, of: self.customer_id, lives: type(lives) = 'LIVES_IN'} AS properties
ORDER BY properties.household_id, properties.of, properties.found_at
