// How engaged each session of a customer was
// Answers: each session of a customer that began in the days before an instant, as far as it had come by then: its length in
// seconds and its number of touchpoints, and of all customers' sessions of that time how many are shorter (or have fewer
// touchpoints) and how many are equal. The rank of a session is the share below it, equal ones counted half.
// Parameters:
//   $customer_id  text: whose sessions, e.g. 'C-1'
//   $instant_us   integer: the instant, in microseconds since 1970 (UTC), e.g. 1767225600000000
//   $days         integer: length of the time before it, e.g. 30
:params {customer_id: 'C-1', instant_us: 1767225600000000, days: 30};
// sessions {
MATCH (s:Session)
WITH s {.session_id, .customer_id, .occurred_at_us} AS session
// } sessions
WITH session
WHERE session.occurred_at_us[0] <= $instant_us
  AND session.occurred_at_us[0] > $instant_us - $days * 86400000000
WITH session, [at IN session.occurred_at_us WHERE at <= $instant_us] AS known
WITH session.session_id AS session_id, session.customer_id AS customer_id, known[0] AS began_us,
     (last(known) - known[0]) / 1000000.0 AS seconds, size(known) AS touchpoints
WITH collect({session_id: session_id, customer_id: customer_id, began_us: began_us, seconds: seconds,
              touchpoints: touchpoints}) AS every
UNWIND every AS own
WITH every, own WHERE own.customer_id = $customer_id
RETURN own.session_id AS session_id, own.began_us AS began_us, own.seconds AS seconds, own.touchpoints AS touchpoints,
       size(every) AS sessions,
       size([s IN every WHERE s.seconds < own.seconds]) AS shorter,
       size([s IN every WHERE s.seconds = own.seconds]) AS as_long,
       size([s IN every WHERE s.touchpoints < own.touchpoints]) AS shallower,
       size([s IN every WHERE s.touchpoints = own.touchpoints]) AS as_deep
ORDER BY began_us DESC, session_id
