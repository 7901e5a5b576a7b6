package mail

// Kinds returns every kind.
func Kinds() []Kind {
	return []Kind{
		ApprovalAsked, ApprovalReminder, StageApproved, RequestApproved, RequestDenied, RequestDeniedApprovers,
		RequestExpired, RequestExpiredApprovers, RequestCanceled, AccessDelivered, DeliveryPartial, DeliveryFailed,
		AccessEnded, Passcode, CarryOverCode,
		ProviderChanged, PersonMatched, SubjectNeeded, NotMember, AddressesTrusted, NoApprover,
	}
}
