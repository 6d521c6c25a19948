// What the segments are
// Answers: each segment's kind, and its conditions or its list of customers.
// Parameters:
MATCH (s:Segment)
RETURN s.name AS name, s.kind AS kind, s.where AS where, s.customer_ids AS customer_ids
ORDER BY name
