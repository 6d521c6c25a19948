// The steps that occur
// Answers: every step with its stage and its commonest channel.
// Parameters:
MATCH (s:Step)
WHERE NOT s.name IN ['(start)', '(end)']
RETURN s.name AS step, s.stage AS stage, s.channel AS channel
ORDER BY step
