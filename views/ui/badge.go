package ui

// Badge is a state as a short label.
type Badge struct {
	// Kind says how much the state concerns somebody: quiet for what is normal, good for
	// what went well, info for what is under way, wait for what waits for somebody, bad
	// for what is wrong, idle for what is over.
	Kind, Text string
	// Icon is an icon of the sprite; empty for that of the kind.
	Icon string
}

func (b Badge) icon() string {
	if b.Icon != "" {
		return b.Icon
	}
	switch b.Kind {
	case "quiet", "good":
		return "state_done"
	case "info":
		return "state_moving"
	case "wait":
		return "state_waiting"
	case "bad":
		return "state_error"
	}
	return "state_off"
}

// messageIcon is the icon of a message of a kind: info, good, warn or bad.
func messageIcon(kind string) string {
	switch kind {
	case "good":
		return "state_done"
	case "warn":
		return "state_warning"
	case "bad":
		return "state_error"
	}
	return "state_info"
}
