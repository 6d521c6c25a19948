// Every session as one row
// Answers: each session with its customer, and its steps, channels and instants (microseconds since 1970, UTC) in the
// customer's order. Its outcome is converted where it holds a goal, else that of the journey it ends in;
// and its group where groups were asked for.
// Parameters:
// sessions {
MATCH (s:Session)
WITH s {.session_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS session
// } sessions
RETURN session.session_id AS id, session.customer_id AS customer_id, session.outcome AS outcome,
       session.value AS value, session.steps AS steps, session.channels AS channels,
       session.occurred_at_us AS occurred_at_us, session.group AS group
