// The rules that make journeys
// Answers: which steps are goals, how long a session may be idle and a journey may wait (microseconds), and the instant
// of the last touchpoint (microseconds since 1970, UTC), which decides whether a journey is still open.
// Parameters:
MATCH (rules:Configuration {name: 'journeys'})
RETURN rules.goals AS goals, rules.session_idle_us AS session_idle_us,
       rules.journey_window_us AS journey_window_us, rules.data_end_us AS data_end_us
