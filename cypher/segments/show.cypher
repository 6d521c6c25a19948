// The customers in a segment
// Answers: each customer who is (or was) in it, and since when.
// Parameters:
//   $name  text: the segment, e.g. 'app lovers'
//   $members_at  text or null: an ISO 8601 instant: who was in it then; null: who is now
:params {name: 'app lovers', members_at: null};
MATCH (:Segment {name: $name})<-[m:IN_SEGMENT]-(c:Customer)
WHERE NOT c:Withheld  // who withdrew consent to analytics since
  AND CASE WHEN $members_at IS NULL THEN m.until IS NULL
           ELSE m.since <= datetime($members_at) AND coalesce(m.until > datetime($members_at), true) END
RETURN c.customer_id AS customer_id, m.since AS since
ORDER BY customer_id
