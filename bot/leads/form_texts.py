"""Every sentence of the forms about leads."""

CLOSE = "Close"
SENTENCE_LABEL, SENTENCE_HINT = "In a sentence", "Marketing reads this."
SENTENCE_TOO_LONG = "Please keep it under 1,000 characters."
REASON_MISSING = "Please choose a reason."

REJECT_TITLE, REJECT_SUBMIT, REJECT_ASK = "Send this lead back", "Send back", "Why does it come back?"
NOT_A_FIT_TITLE, NOT_A_FIT_ASK = "Not a fit", "Why is it not a fit?"
SENTENCE_MISSING = "Please say in a sentence why, so that marketing can learn from it."
DATE_LABEL = "When should it return?"
DATE_IN_THE_PAST = "Please choose a day after today."
DATE_TOO_FAR = "Please choose a day within two years."

NO_ANSWER_TITLE, NO_ANSWER_SUBMIT = "Nobody answered", "Save"
AGAIN_ASK, AGAIN_OTHER_LABEL = "When will you try again?", "Or another time"
AGAIN_MISSING = "Please choose when."
AGAIN_IN_THE_PAST = "Please choose a time from now on."
AGAIN_TOO_FAR = "Please choose a time within three months."

WON_TITLE, WON_SUBMIT = "Won", "Won!"
VALUE_LABEL, CURRENCY_LABEL = "Value of the deal", "Currency"
VALUE_HINT = "Leave it empty if you do not know it yet."
VALUE_WRONG = "Please write a positive amount, such as 84000 or 1250.50."

LOST_TITLE, LOST_SUBMIT, LOST_ASK = "Lost", "Save", "Why was it lost?"
LOST_SENTENCE_MISSING = "Please say in a sentence why, so that both teams can learn from it."

HAND_OVER_TITLE, HAND_OVER_SUBMIT, HAND_OVER_TO = "Hand over", "Hand over", "To whom?"
HAND_OVER_SENTENCE, HAND_OVER_HINT = "What should they know?", "They read this first."
HAND_OVER_MISSING = "Please say in a sentence what they should know."
TO_MISSING = "Please choose a colleague."

GIVE_BACK_TITLE, GIVE_BACK_SUBMIT, GIVE_BACK_LABEL = "Give back", "Give back", "Why do you give it back?"

ASK_TITLE, ASK_SUBMIT, ASK_LABEL = "Ask marketing", "Ask", "Your question"
ASK_HINT = "They see the lead with it. The answer comes back to this card."
ASK_MISSING = "Please write your question."

ANSWER_TITLE, ANSWER_SUBMIT, ANSWER_LABEL = "Your answer", "Answer", "Answer"
ANSWER_MISSING = "Please write your answer."

HISTORY = "*So far*"

MINE_TITLE = "My leads"

NEW_TITLE, NEW_SUBMIT = "New lead", "Save"
NEW_NAME, NEW_EMAIL, NEW_COMPANY, NEW_PHONE = "Name", "E-mail", "Company", "Phone"
NEW_COUNTRY, NEW_WHERE, NEW_WHAT = "Country", "Where did you meet?", "What do they want?"
NEW_WHO, NEW_WHO_ME, NEW_WHO_TURN = "Who works on it?", "I do", "Whoever is next in turn"
NEW_NAME_OR_EMAIL = "Please give a name or an e-mail, so that we know them again."
NEW_NO_EMAIL = "This is no e-mail address; for example m.weber@hospital.example"


def about_lead(title: str) -> str:
    return f"*{title}*"


def earlier(number: int) -> str:
    return f"and {number} earlier"


def lead_title(number: int) -> str:
    return f"Lead {number}"


REVIEW_TITLE, REVIEW_SUBMIT = "What came back", "Save"
REVIEW_WHICH, REVIEW_WHAT, REVIEW_NONE = "Which of them?", "What happens to them?", "Please choose at least one."
RECYCLE, DISQUALIFY, CONTEST = "Recycle: they rest, then return", "Disqualify: closed", "Ask sales to look again"
REVIEW_UNTIL, REVIEW_UNTIL_HINT = "Rest until", "For recycling. Empty: until they do something new."
REVIEW_WHY, REVIEW_WHY_HINT = "In a sentence", "Who leads sales reads it, if you ask them to look again."
CONTEST_MISSING = "Please say in a sentence why sales should look again."
PLAN_TITLE, PLAN_SUBMIT, PLAN_WHAT, PLAN_UNTIL = "Next step", "Save", "What is next?", "By when?"
PLAN_WHAT_HINT = "For example: send the quote."
PLAN_UNTIL_HINT = "If nothing happened by then, you hear of it."
PLAN_MISSING, PLAN_DAY = "Please say what is next.", "Please choose today or a later day."


def review_heading(label: str, number: int) -> str:
    return f"*{label}:* {number} {'lead' if number == 1 else 'leads'}"


def reviewed(number: int, of: int) -> str:
    """What became of a form; some may have been looked at by somebody else meanwhile."""
    told = f"✓ Done with {number} {'lead' if number == 1 else 'leads'}."
    return told if number == of else f"{told} {of - number} had been looked at meanwhile."


NOTHING_TO_REVIEW = "Nothing of this waits any more: it was looked at meanwhile."
