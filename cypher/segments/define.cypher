// Write down what a segment is
// Answers: nothing; its members are those of the next build.
// Parameters:
//   $name  text: the segment, e.g. 'app lovers'
//   $kind  text: 'rule' or 'list'
//   $where  list of text or null: conditions that a journey of a member meets together, e.g. ['channel=app']
//   $customer_ids  list of text or null: the customers of a list
//   $defined_at  instant: now, e.g. datetime('2026-01-31T12:00:00Z')
:params {name: 'app lovers', kind: 'rule', where: ['channel=app'], customer_ids: null, defined_at: datetime('2026-01-31T12:00:00Z')};
MERGE (s:Segment {name: $name})
SET s.kind = $kind, s.where = $where, s.customer_ids = $customer_ids, s.defined_at = $defined_at
