"""Words other than numbers that are said during a drill, for the corpus."""

import re

# "yes" is understood but does nothing in the dialogue, so the language files do not list it.
YES = {
    "en": ["yes", "yeah", "yep", "okay"],
    "hi": ["हाँ", "हाँ जी", "जी हाँ", "ठीक है"],
    "mr": ["हो", "होय", "हो ना", "ठीक आहे"],
}

# Words that may come before an answer.
LEADS = {
    "en": ["um", "uh", "hmm", "er", "it's", "it is", "the answer is", "I think", "is it", "so", "I know"],
    "hi": ["अं", "उम", "हम्म", "अच्छा", "जवाब है", "उत्तर है", "मुझे लगता है", "शायद", "तो", "अरे"],
    "mr": ["अं", "उम", "हम्म", "उत्तर आहे", "मला वाटतं", "बहुतेक", "मग", "अरे", "ते आहे"],
}

# Words that may follow an answer.
TAILS = {
    "en": ["miss", "teacher", "I think", "please", "done"],
    "hi": ["मैडम", "सर जी", "है", "होता है"],
    "mr": ["बाई", "सर", "आहे", "होतात", "ना"],
}

# Names, things of the classroom, and words that sound a little like a number.
OTHERS = {
    "en": """apple table window house green orange water many people money heaven gate late great bright rain
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

# Other speech near a microphone: everyday words, and halves of them for invented words.
EVERYDAY = {
    "en": """about after again along always animal another answer around autumn balloon banana basket bathroom beach
        because bedroom before begin behind interpret bicycle birthday biscuit blanket borrow bottle breakfast bridge
        bucket building butter button camera candle carpet castle cheese chicken chocolate circle clothes cloud
        colour corner cousin cream crocodile cupboard curtain danger daughter dinner doctor dolphin donkey dragon
        drawing dream earth easy engine enough evening every family farmer feather finger flower football forget
        friend gentle ghost giraffe glass grandma ground guitar hammer happen heavy holiday homework honey horse
        hospital hungry idea island jacket jelly jungle kangaroo keyboard king kitten ladder lemon lesson library
        lion lorry lunch magic mango marble middle minute mirror monkey moon mouse museum napkin needle neighbour
        noise office onion parrot people pepper picnic picture pillow planet plastic pocket police potato pretty
        pumpkin puppy puzzle rabbit rainbow raisin ready really remember ribbon river robot rocket sandwich saturn
        scissors secret shadow sharpen shoulder silver singing sleep slowly snow soap soldier spider spring squirrel
        station stomach story strawberry street summer sweater swimming teacher television temple tiger tomato
        tractor train travel trouble tunnel umbrella uncle vegetable village violin visit voice water weather
        whisper winter wizard wrong yellow zebra""",
    "hi": """अंगूर अंधेरा अख़बार अगर अचानक अजीब अनार अपना अभी अमरूद अलमारी आकाश आगे आदमी आराम आलू आवाज़ इधर इमली उधर
        ऊपर ऊँट औरत कंघी कपड़ा कबूतर कमरा कमल करेला कहानी किनारा किसान कोयल कौआ खरगोश खिलौना खीरा ख़ुशी खेत गरमी
        गर्दन गाजर गिलहरी गिलास गुड़िया गुलाब गेंद गोभी घंटी घड़ी घुटना घोड़ा चम्मच चश्मा चिड़िया चींटी चीनी चूहा
        चेहरा छत जंगल जल्दी जहाज़ ज़मीन जादू जूता झंडा झरना झील झूला टमाटर टोकरी टोपी ठंडा डाकिया डिब्बा ढोलक तकिया
        तरबूज़ तस्वीर तितली तोता थाली थैला दर्ज़ी दीपक दीवार दुकान दुनिया देश धरती धागा धीरे नदी नमक नया नारियल
        नाश्ता निशान पंखा पतंग परदा पहाड़ पहिया पुराना पुलिस प्याज़ प्यारा फिर फ़सल बकरी बगीचा बटन बंदर बर्फ़ बर्तन
        बस्ता बाज़ार बाहर बैंगन बोतल भालू भीतर मकान मक्खन मज़ा मटर मदारी मंदिर मशीन महल माली मिट्टी मिर्च मुर्गा
        मूली मेहमान मोर मोमबत्ती मौसम रंग रसोई रस्सी राजा रानी रास्ता रूमाल रेल लकड़ी लड्डू लहर लोमड़ी शरबत शहद शहर
        शाम शेर समुद्र सपना सवेरा सीढ़ी सुबह सोना हँसी हमेशा हलवा हवा हाथी हिरन हीरा होली वापस वहाँ विमान ज़रूर
        यात्रा यहीं""",
    "mr": """अंगण अंडं अंधार अचानक अननस अभ्यास अळी आकाश आठवण आरसा आवडतं आवाज इथे इमारत उंट उंदीर उजेड उडी उशी ऊन ऊस
        ओढा औषध कंगवा कचरा कणीस कपडे कपाट कबूतर कमळ करवत कागद कावळा किल्ला कुलूप केस कोंबडा कोकीळ कोल्हा खडू खरेदी
        खारीक खेळणी खोली गंमत गरम गवत गाजर गाडी गाव गुलाब गोगलगाय गोरी गोष्ट घंटा घड्याळ घार घाई घोडा चप्पल चमचा
        चित्र चिमणी चिंच चूक चेहरा छत्री जंगल जहाज जमीन जागा जादू जेवण झरा झाडू झोका झोप टरबूज टोपली टोपी ठिकाण डबकं
        डोंगर ढग ढोल तलाव तबला तिकीट तूप थंडी थांबा दगड दप्तर दिवा दुकान देऊळ देश धरण धागा धूर नकाशा नवीन नाटक नारळ
        निरोप न्याहारी पंखा पक्षी पडदा पहाट पाऊल पिशवी पिवळं पुढे पेरू पोपट पोळी फणस फळा फराळ फुगा बटाटा बदक बर्फ
        बशी बाग बाजार बाहेर बाहुली बेडूक बैल भिंत भोपळा मका मजा मडकं मंदिर मधमाशी माकड माणूस माती मिरची मीठ मुंगी
        मुळा मोर मोगरा म्हैस रंग रस्ता राजा राणी रिकामं रुमाल लगेच लहान लाकूड लाडू लिंबू लोणी वर वही वाघ वाडा वांगं
        विमान विहीर वेलची शर्ट शहर शेत शेपूट संध्याकाळ समुद्र ससा सावली सिंह सुंदर सुतार सुट्टी सोपं स्वप्न हरीण हवा
        हसरा हिरवळ होडी होळी""",
}

# Languages (espeak-ng's codes) whose numbers sound unlike ours. German and Dutch are left out: their "drei" and "acht"
# taught the network to take people's accented English for no number.
FOREIGN = tuple("fr es it pt ta te kn ml ja sw ru pl tr id fi hu ar".split())


def others(language: str) -> list[str]:
    """Return single words, and the last ones of each row also joined."""
    words = OTHERS[language].split()
    return words + [" ".join(words[at : at + 3]) for at in range(len(words) - 45, len(words) - 2, 3)]


# A written syllable: a Devanagari letter with all its signs, or English consonants and a vowel.
_SYLLABLE = re.compile("[क-ह]़?(?:्[क-ह]़?)*[ा-ौंँः]*|[अ-औॲ][ंँः]*|[^aeiouy]*[aeiouy]+(?:[^aeiouy]+$)?")


def blended(one: str, other: str) -> str:
    """Join the first half of one word and the second half of another."""
    first, second = _SYLLABLE.findall(one), _SYLLABLE.findall(other)
    return "".join(first[: (len(first) + 1) // 2] + second[len(second) // 2 :])
