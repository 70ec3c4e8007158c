"""Every sentence of the forms about leads."""

CLOSE = "Close"
SENTENCE_LABEL, SENTENCE_HINT = "In a sentence", "Marketing reads this. No patient data, please."
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
HAND_OVER_SENTENCE, HAND_OVER_HINT = "What should they know?", "They read this first. No patient data, please."
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
