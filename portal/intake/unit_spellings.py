"""How people spell units in Chinese and English: the spellings with one meaning, those with several, and those of other things."""

from __future__ import annotations

from portal.intake.characters import words

# Keys are folded as `units.folded` does it: compatibility forms undone (㎥ is m3), lower case, without spaces,
# points, hyphens, carets and multiplication signs.
CLEAR: dict[str, str] = {
    spelling: code
    for code, spellings in {
        "kWh": "kwh kilowatthour kilowatthours 千瓦时 千瓦小时 度 度电",
        "MWh": "megawatthour megawatthours 兆瓦时 兆瓦小时 千度",
        "GWh": "gwh gigawatthour gigawatthours 吉瓦时 百万千瓦时 百万度",
        "万kWh": "万kwh 万千瓦时 万千瓦小时 万度 万度电 104kwh",
        "kJ": "kj kilojoule kilojoules 千焦 千焦耳",
        "MJ": "megajoule megajoules 兆焦 兆焦耳",
        "GJ": "gj gigajoule gigajoules 吉焦 吉焦耳 百万千焦",
        "TJ": "tj terajoule terajoules 太焦 太焦耳",
        "kcal": "kcal kilocalorie kilocalories 千卡 大卡",
        "MMBtu": "mmbtu 百万英热单位",
        "kgce": "kgce 千克标准煤 千克标煤 公斤标准煤 公斤标煤",
        "tce": "tce 吨标准煤 吨标煤",
        "µg": "μg ug mcg microgram micrograms 微克",
        "mg": "milligram milligrams 毫克",
        "g": "gram grams gramme grammes 克",
        "kg": "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes 千克 公斤",
        "斤": "市斤 斤(05kg)",
        "t": "t tonne tonnes metricton metrictons metrictonne metrictonnes 吨 公吨",
        "万t": "万t 万吨",
        "lb": "lb lbs pound pounds 磅 英磅",
        "ton_us": "ton_us shortton shorttons uston ustons 短吨 短吨(美) 美吨",
        "ton_uk": "ton_uk longton longtons ukton uktons imperialton imperialtons 长吨 长吨(英) 英吨",
        "mL": "millilitre millilitres milliliter milliliters cc 毫升",
        "L": "l ltr ltrs litre litres liter liters 升 公升",
        "kL": "kl kilolitre kilolitres kiloliter kiloliters 千升",
        "m³": "m3 cbm cubicmetre cubicmetres cubicmeter cubicmeters 立方米 立方 立米 方",
        "万m³": "万m3 104m3 万立方米 万立方 万方",
        "gal_us": "gal_us usgal usgallon usgallons gal(us) gallon(us) gallons(us) 美制加仑 美加仑",
        "gal_uk": "gal_uk ukgal ukgallon ukgallons impgal imperialgallon imperialgallons gal(uk) gallon(uk) gallons(uk) 英制加仑 英加仑",
        "bbl": "bbl bbls barrel barrels 桶(42美制加仑)",
        "Nm³": "标准立方米(0°c)",
        "Sm³": "标况立方米(20°c)",
        "m²": "m2 sqm squaremetre squaremetres squaremeter squaremeters 平方米 平米 平方 平",
        "亩": "亩 mu 市亩",
        "ha": "ha hectare hectares hm2 公顷",
        "km²": "km2 sqkm squarekilometre squarekilometres squarekilometer squarekilometers 平方千米 平方公里",
        "m": "metre metres meter meters 米 公尺",
        "km": "km kms kilometre kilometres kilometer kilometers 千米 公里",
        "mile": "mi mile miles 英里",
        "head": "head heads animal animals 头 口 羽",
        "head·day": "headday headdays animalday animaldays 头天 头日",
        "piece": "piece pieces pc pcs item items each ea 件 个 台 辆",
        "t·km": "tkm tkms tonnekm tonnekilometre tonnekilometres tonnekilometer tonnekilometers 吨公里 吨千米",
        "kg·km": "kgkm 千克公里 公斤公里 千克千米 公斤千米",
        "万t·km": "万tkm 万吨公里 万吨千米",
        "p·km": "pkm paxkm passengerkm passengerkilometre passengerkilometres passengerkilometer passengerkilometers 人公里 人千米",
        "万p·km": "万pkm 万人公里 万人千米",
        "room·night": "roomnight roomnights 间夜 间晚 房晚",
    }.items()
    for spelling in words(spellings)
}

# Here upper and lower case are two units (MJ and mJ, mL and ML, Mg is a tonne), so only these spellings are clear.
CASED: dict[str, str] = {
    "MWh": "MWh", "MWH": "MWh", "Mwh": "MWh", "MJ": "MJ", "Mj": "MJ", "mg": "mg", "g": "g", "m": "m",
    "mL": "mL", "ml": "mL", "Ml": "mL",
}  # fmt: skip

# Spellings that stand for more than one amount, or for one that surprises: the question offers these readings.
DOUBTFUL: dict[str, tuple[str, ...]] = {
    spelling: tuple(words(readings))
    for readings, spellings in (
        ("MWh", "mwh"),
        ("MJ", "mj"),
        ("t ton_us ton_uk", "ton tons"),
        ("t·km", "tonkm tonkilometre tonkilometres tonkilometer tonkilometers"),
        ("斤", "斤 jin catty catties"),
        ("gal_us gal_uk", "gal gals gallon gallons 加仑"),
        ("bbl piece", "桶"),
        ("head piece", "只"),
        ("t mg", "Mg"),
        ("g", "G gr gm gms"),
        (
            "Nm³ Sm³",
            (
                "nm3 sm3 scm ncm normalcubicmetre normalcubicmetres normalcubicmeter normalcubicmeters "
                "standardcubicmetre standardcubicmetres standardcubicmeter standardcubicmeters "
                "标方 标立方 标立方米 标准立方 标准立方米 标准方 标况立方米"
            ),
        ),
        ("10³Nm³", "千nm3 103nm3 千标方 千标立方米 千标准立方米"),
        ("10⁴Nm³", "万nm3 104nm3 万标方 万标立方米 万标准立方米"),
    )
    for spelling in words(spellings)
}

# What measures something that no activity is reported in; each has its own cure.
OTHER_THINGS: dict[str, str] = {
    spelling: code
    for code, spellings in {
        "unit.power": "w kw mw gw kva mva watt watts kilowatt kilowatts megawatt megawatts 瓦 千瓦 兆瓦 吉瓦 万千瓦",
        "unit.currency": "¥ $ € £ cny rmb usd eur gbp hkd jpy yuan dollar dollars euro euros 元 万元 亿元 万cny 人民币 美元 欧元 港元 港币",
        "unit.ratio": "% ‰ ppm percent percentage 百分比 成",
        "unit.time": "h hr hrs hour hours min minute minutes s second seconds day days d week weeks month months "
        "year years a 小时 时 分钟 秒 天 日 周 月 年",
        "unit.temperature": "°c °f k 摄氏度 华氏度",
    }.items()
    for spelling in words(spellings)
}
