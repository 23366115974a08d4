"""What is said during a drill beside numbers, for the corpus: other words, and the few that the language files lack."""

# "yes" is understood but means nothing yet to the dialogue, so that the language files do not list it.
YES = {
    "en": ["yes", "yeah", "yep", "okay"],
    "hi": ["हाँ", "हाँ जी", "जी हाँ", "ठीक है"],
    "mr": ["हो", "होय", "हो ना", "ठीक आहे"],
}

# What may come before an answer without being one.
LEADS = {
    "en": ["um", "uh", "hmm", "er", "it's", "it is", "the answer is", "I think", "is it", "so", "I know"],
    "hi": ["अं", "उम", "हम्म", "अच्छा", "जवाब है", "उत्तर है", "मुझे लगता है", "शायद", "तो", "अरे"],
    "mr": ["अं", "उम", "हम्म", "उत्तर आहे", "मला वाटतं", "बहुतेक", "मग", "अरे", "ते आहे"],
}

# What may follow an answer.
TAILS = {
    "en": ["miss", "teacher", "I think", "please", "done"],
    "hi": ["मैडम", "सर जी", "है", "होता है"],
    "mr": ["बाई", "सर", "आहे", "होतात", "ना"],
}

# Names, things of the classroom and what sounds a little like a number.
OTHERS = {
    "en": """apple table window house green orange water many people money heaven gate late great bright tree free rain
        door store pine mine line sticks mix lever clever hen pen elephant shelf dwarf velvet thirst forest sister maybe
        help school mother father brother cat dog computer letter question what where when who think because tomorrow
        yesterday Monday Friday paper pencil music happy little sunny tent bite fight knife wife live hive gift drive
        shoe zoo blue chew sea key fever river plenty party dirty naughty empty handy country wonder thunder under
        laughing coffee quickly morning evening kitchen garden mountain market window mum dad listen look stand
        hello goodbye thanks come here sit down be quiet my turn your turn I can do it what is this can you hear me
        give me the pencil where is my bag close the door it is too hard this is fun open the book let me think""",
    "hi": """पानी घर किताब नमस्ते अच्छा मदद लड़का लड़की स्कूल पेड़ खिड़की सेब केला संतरा हरा पीला नीला काला आम दूध चाय
        माँ पिता भाई बहन आज कल परसों क्यों कहाँ कैसे गाना खाना दरवाज़ा मेज़ कुर्सी काग़ज़ क़लम दोस्त शिक्षक सवाल
        सच साथ हाथ रात बात बाल चाल ताला माला पास घास सास दास तब सब कब दस्तक नाव गाँव पाँव चाँद साँप बादल पंछी
        चाचा मामा दादी नानी छाता पत्ता बिल्ली कुत्ता हाथी मछली सूरज तारा फूल मिठाई रोटी सब्ज़ी बारिश आँख नाक कान
        मेरी बारी तुम्हारी बारी चुप रहो यहाँ आओ मैं कर लूँगा यह क्या है दरवाज़ा खोलो मेरी पेंसिल लाओ बैठ जाओ""",
    "mr": """पाणी घर पुस्तक झाड मुलगा मुलगी शाळा हिरवा निळा काळा पिवळा आई बाबा भाऊ बहीण काय कुठे कसं केव्हा कोण
        आंबा केळं सफरचंद दूध चहा भात पोळी भाजी पाऊस सूर्य चंद्र तारा फूल पान मांजर कुत्रा हत्ती मासा दार खिडकी टेबल
        खुर्ची कागद पेन मित्र शिक्षक प्रश्न खरं हात पाय नाक कान डोळा रात्र सकाळ दुपार आज उद्या काल साप चेंडू पतंग गाणं
        खेळ वास घास तास रास साथ वाट पाट ताट गाठ पाठ चाक सहल सासर बारीक दार तारीख चारा दोरी नदी वारा तेल वेळ
        माझी पाळी तुझी पाळी गप्प बस इकडे ये मी करतो हे काय आहे पेन्सिल दे खाली बस आजी आजोबा काका मामा डबा""",
}

# Languages whose numbers are none of ours and sound unlike them: not German or Dutch, whose "drei" and "acht" taught
# the network to take people's accented English for no number at all. espeak-ng's codes.
FOREIGN = tuple("fr es it pt ta te kn ml ja sw ru pl tr id fi hu ar".split())


def others(language: str) -> list[str]:
    """Single words, and each row's last ones also as they run together."""
    words = OTHERS[language].split()
    return words + [" ".join(words[at:at + 3]) for at in range(len(words) - 45, len(words) - 2, 3)]
