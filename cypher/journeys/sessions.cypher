// Every session as one row
// Answers: each session with its customer, and its steps, channels and instants (microseconds since 1970, UTC) in the
// customer's order. Its outcome is converted where it holds a goal, else that of the journey it ends in.
// Parameters:
:params {};
MATCH (s:Session)
RETURN s.session_id AS id, s.customer_id AS customer_id, s.outcome AS outcome, s.value AS value,
       s.steps AS steps, s.channels AS channels, s.occurred_at_us AS occurred_at_us
