"""What suppliers call the categories in their own tables, in both languages: words with one meaning, and words with several."""

from __future__ import annotations

from collections.abc import Mapping

from portal.intake.characters import words

# Keys are folded as `matching.folded_words` does it: lower case, without spaces, hyphens and underscores.
CLEAR: Mapping[str, str] = {
    name: category
    for category, names in {
        "electricity.grid": (
            "electricity power electricpower electricalpower gridelectricity gridpower purchasedelectricity "
            "boughtelectricity purchasedpower mainselectricity electricityfromgrid powerconsumption electricityconsumption "
            "电 电力 用电 用电量 耗电量 电量 电耗 市电 网电 电能 外购电 外购电力 外购电量 购电 购入电力 净购入电力 电网电力 生产用电 办公用电"
        ),
        "electricity.green": "greenpower greenelectricity renewableelectricity 绿电 绿色电力 绿电交易",
        "electricity.own_pv": "solar pv solarpower ownsolar photovoltaic 光伏 光伏发电 自发自用光伏 太阳能 太阳能发电 自用光伏",
        "stationary.natural_gas": (
            "naturalgas gas pipelinegas pipedgas fossilgas 天然气 管道天然气 天然气用量 燃气 天燃气"
        ),
        "stationary.anthracite": "anthracite hardcoal 无烟煤",
        "stationary.bituminous": "bituminous bituminouscoal 烟煤 动力煤",
        "stationary.lignite": "lignite browncoal 褐煤",
        "stationary.coke": "coke 焦炭",
        "stationary.fuel_oil": "fueloil heavyfueloil hfo heavyoil 燃料油 重油",
        "stationary.lpg": "lpg liquefiedpetroleumgas propane 液化石油气 液化气",
        "stationary.biomass": "biomass wood woodpellets pellets woodchips 生物质 生物质燃料 生物质颗粒 秸秆",
        "stationary.biogas": "biogas 沼气",
        "mobile.cng": "cng compressednaturalgas 压缩天然气",
        "heat.steam": "steam purchasedsteam boughtsteam 蒸汽 外购蒸汽 蒸汽用量",
        "heat.hot_water": "hotwater districtheat districtheating purchasedheat heating 热水 外购热水 热力 集中供热 供暖 采暖 外购热力",
        "water.supply": "water tapwater freshwater cleanwater watersupply waterconsumption 水 自来水 用水 用水量 新鲜水 新水 生产用水",
        "soils.urea": "urea 尿素",
        "process.industrial_co2": "carbondioxide co2 industrialco2 二氧化碳 工业二氧化碳",
        "travel.hotel": "hotel hotelnights accommodation 酒店 住宿",
        "travel.rail": "train rail railtravel 高铁 火车 铁路出行",
        "travel.air": "flights flight airtravel 航班 飞机 航空出行 机票",
        "freight.road": "roadfreight trucking truck roadtransport 公路运输 货车运输 公路货运",
        "freight.rail": "railfreight railtransport 铁路运输 铁路货运",
        "freight.water": "shipping seafreight shipfreight 水路运输 海运 水运",
        "freight.air": "airfreight aircargo 航空运输 空运",
    }.items()
    for name in words(names)
}

SEVERAL: Mapping[str, tuple[str, ...]] = {
    name: tuple(words(categories))
    for categories, names in (
        ("mobile.diesel stationary.diesel", "diesel dieseloil dieselfuel derv 柴油 柴油用量 0#柴油 0号柴油"),
        ("mobile.petrol stationary.petrol", "petrol gasoline gas(petrol) 汽油 92#汽油 95#汽油 汽油用量"),
        ("mobile.lng stationary.lng", "lng liquefiednaturalgas 液化天然气"),
        ("stationary.bituminous stationary.anthracite stationary.lignite", "coal rawcoal steamcoal 煤 煤炭 原煤 燃煤"),
        ("wastewater.ch4 water.treatment", "wastewater sewage effluent 污水 废水"),
        ("waste.treatment waste.on_site", "waste solidwaste rubbish 废弃物 固废 垃圾"),
        ("refrigerants.top_up refrigerants.screening refrigerants.mass_balance", "refrigerant refrigerants coolant 制冷剂 冷媒"),
        ("purchased.materials", "packaging packagingmaterial 包装 包装材料 包材"),
        ("purchased.farm_inputs", "feed fertilizer fertiliser rawmilk 饲料 肥料 化肥 原料奶 生鲜乳"),
        ("freight.road freight.rail freight.water freight.air", "freight transport logistics 运输 货运 物流"),
        ("livestock.enteric livestock.manure", "cattle cows dairycows pigs sheep 奶牛 牛 猪 羊"),
    )
    for name in words(names)
}  # fmt: skip
