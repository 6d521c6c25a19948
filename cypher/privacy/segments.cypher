// What is held about one person: the segments
// Answers: every segment that the customer is or was in, since when and until when, or that lists the customer.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (s:Segment)
OPTIONAL MATCH (:Customer {customer_id: $customer_id})-[member:IN_SEGMENT]->(s)
WITH s, member WHERE member IS NOT NULL OR $customer_id IN s.customer_ids
RETURN {name: s.name, listed: coalesce($customer_id IN s.customer_ids, false), since: member.since,
        until: member.until} AS properties
ORDER BY s.name, member.since
